-- Conversations: what the owner asked and was answered, kept until they delete it. Times are UTC and of one width, so that
-- they compare as text; an empty time is none. Numbers are never used again, so that none names another conversation.

CREATE TABLE conversation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    started TEXT NOT NULL,
    updated TEXT NOT NULL
) STRICT;
CREATE INDEX conversation_by_update ON conversation (updated, id);

CREATE TABLE turn (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL REFERENCES conversation (id),
    question TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'answered', 'failed', 'cancelled')),
    asked TEXT NOT NULL,
    ended TEXT NOT NULL DEFAULT '',
    run TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX turn_by_conversation ON turn (conversation, id);
CREATE INDEX turn_open ON turn (id) WHERE state = 'asked';

-- What is told while a question is answered; it goes when the answer is there.
CREATE TABLE turn_line (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    turn INTEGER NOT NULL REFERENCES turn (id),
    line TEXT NOT NULL
) STRICT;
CREATE INDEX turn_line_by_turn ON turn_line (turn, id);
