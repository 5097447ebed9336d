"""Log-ins by OAuth 2: the owner agrees in a browser once, and access tokens are renewed from then on. Only here is oauthlib."""
