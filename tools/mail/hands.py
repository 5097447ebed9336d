"""What is done to a mailbox: looked at before, done once, and seen after; letters put into it and taken out here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from butler.core.accounts import MailAccount
from butler.core.dialing import Dial
from butler.core.effects import AppendMail, Effect, FlagMail, MoveMail, Receipt, RemoveMail, Seen, SendMail
from butler.core.errors import EffectError, SourceError
from butler.core.text import one_line
from tools.mail.box import Box, Lying, kept_back
from tools.mail.compose import compose
from tools.mail.folders import Folder, no_such_folder
from tools.mail.moving import flag, look_flag, look_move, move
from tools.mail.refusals import refusal
from tools.mail.session import RefusedError
from tools.mail.trouble import LostError

_FLAGS = {"\\Drafts": ("\\Draft", "\\Seen"), "\\Sent": ("\\Seen",)}
_SETTLING = 2.0


class MailHands:
    """The hands for one mail account; keeps its connection between a look and the act that follows."""

    def __init__(self, account: MailAccount, dial: Dial | None = None) -> None:
        self._account = account
        self._dial = dial
        self._box: Box | None = None

    def close(self) -> None:
        """Hang up."""
        box, self._box = self._box, None
        if box is not None:
            box.close()

    def look(self, effect: Effect) -> Seen:
        """Look at the mailbox; a connection that was kept and is gone meanwhile is made anew, once."""
        with self._told():
            if self._box is not None:
                try:
                    return self._look(effect)
                except LostError:
                    self.close()
            return self._look(effect)

    def act(self, effect: Effect, seen: Seen) -> Receipt:
        """Do it, and see that it is done."""
        with self._told():
            match effect:
                case AppendMail():
                    return self._append(effect)
                case RemoveMail():
                    return self._remove(effect, seen)
                case MoveMail():
                    return move(self._opened(), effect, *self._ends(effect))
                case FlagMail():
                    return flag(self._opened(), effect, self._required(effect.folder))
                case SendMail():
                    return self._send(effect)
            raise _no_mail(effect)

    def _look(self, effect: Effect) -> Seen:
        match effect:
            case AppendMail():
                return self._look_append(effect)
            case RemoveMail():
                return self._look_remove(effect)
            case MoveMail():
                return self._look_move(effect)
            case FlagMail():
                return self._look_flag(effect)
            case SendMail():
                return self._look_send(effect)
        raise _no_mail(effect)

    def _look_move(self, effect: MoveMail) -> Seen:
        if self._folder_named(effect.source) is None:
            return _no_folder(effect.source)
        return look_move(self._opened(), effect, *self._ends(effect))

    def _look_flag(self, effect: FlagMail) -> Seen:
        folder = self._folder_named(effect.folder)
        return look_flag(self._opened(), effect, folder) if folder else _no_folder(effect.folder)

    def _ends(self, effect: MoveMail) -> tuple[Folder, Folder]:
        return self._required(effect.source), self._required(effect.target)

    def _look_send(self, effect: SendMail) -> Seen:
        """Whether it was sent cannot be seen, but where its copy lies in Sent; without a place for that nothing is sent."""
        from tools.mail.smtp import require_way

        compose(effect.letter)
        require_way(self._account)
        if self._account.host or self._account.path:
            box, folder = self._opened(), self._folder_with("\\Sent")
            box.open(folder)
            if box.find(effect.letter.message_id):
                sent = f"A copy is in {folder.name}, so it was sent before."
                return Seen(state="done", sentence=sent, receipt=Receipt(sentence=sent, place=folder.name))
        return Seen(state="open", sentence="It is not known to be sent.")

    def _send(self, effect: SendMail) -> Receipt:
        from tools.mail.smtp import send

        return send(self._account, effect.letter, self._dial)

    def _look_append(self, effect: AppendMail) -> Seen:
        compose(effect.letter, with_bcc=True)
        box, folder = self._opened(), self._folder_with(effect.role)
        box.open(folder)
        found = box.find(effect.letter.message_id)
        if not found:
            return Seen(state="open", sentence=f"It is not in {folder.name} yet.")
        return Seen(state="done", receipt=self._receipt(effect, folder, found[0], ""))

    def _append(self, effect: AppendMail) -> Receipt:
        box, folder = self._opened(), self._folder_with(effect.role)
        letter = effect.letter
        answer = box.append(folder, compose(letter, with_bcc=True), _FLAGS[effect.role], letter.message_id)
        box.open(folder)
        found = box.find(letter.message_id)
        if not found:
            raise EffectError(f"{folder.name} does not show the mail that was put there.", wait=_SETTLING)
        return self._receipt(effect, folder, found[0], answer)

    def _receipt(self, effect: AppendMail, folder: Folder, mail: Lying, answer: str) -> Receipt:
        # Servers may write a mail anew; what it is now is what an undo may take out.
        content = self._opened().content(mail.key)
        undo = None
        if effect.role == "\\Drafts" and content is not None:
            undo = RemoveMail(
                account=effect.account,
                folder=folder.name,
                message_id=effect.letter.message_id,
                sha256=hashlib.sha256(content).hexdigest(),
            )
        return Receipt(sentence=f"It is in {folder.name}.", answer=answer, place=folder.name, undo=undo)

    def _look_remove(self, effect: RemoveMail) -> Seen:
        folder = self._folder_named(effect.folder)
        if folder is None:
            return _no_folder(effect.folder)
        box = self._opened()
        box.open(folder)
        found = [mail for mail in box.find(effect.message_id) if "\\deleted" not in mail.flags]
        if not found:
            gone = f"It is not in {folder.name} any more."
            return Seen(state="done", sentence=gone, receipt=Receipt(sentence=gone, place=folder.name))
        same = next((mail for mail in found if self._is(mail.key, effect.sha256)), None)
        if same is None:
            return Seen(state="changed", sentence=f"It was changed in {folder.name} meanwhile, and is left as it is.")
        return Seen(state="open", key=same.key)

    def _remove(self, effect: RemoveMail, seen: Seen) -> Receipt:
        box, folder = self._opened(), self._required(effect.folder)
        box.open(folder, write=True)
        if not self._is(seen.key, effect.sha256):
            raise EffectError(f"The mail in {folder.name} changed just now.")
        answer = box.remove(seen.key)
        box.open(folder)
        left = box.lying([seen.key])
        if left and "\\deleted" not in left[seen.key].flags:
            raise EffectError(f"{folder.name} still shows the mail that was taken out.", wait=_SETTLING)
        return Receipt(sentence=f"It was taken out of {folder.name}.", answer=answer, place=folder.name)

    def _is(self, key: str, sha256: str) -> bool:
        content = self._opened().content(key)
        return content is not None and hashlib.sha256(content).hexdigest() == sha256

    def _opened(self) -> Box:
        if self._box is None:
            self._box = _box_of(self._account, self._dial)
        return self._box

    def _folder_named(self, name: str) -> Folder | None:
        return next((folder for folder in self._opened().folders() if folder.name == name), None)

    def _required(self, name: str) -> Folder:
        """A folder that is there; none is ever made."""
        folder = self._folder_named(name)
        if folder is None:
            raise kept_back(no_such_folder(one_line(name, 100), [folder.name for folder in self._opened().folders()]))
        return folder

    def _folder_with(self, role: str) -> Folder:
        """The folder for drafts or for sent mails: as the settings name it, else by its role; never made."""
        folders = self._opened().folders()
        setting = role[1:].lower()
        wanted = self._account.drafts if role == "\\Drafts" else self._account.sent
        advice = f"Make one in your mail program, or set mail.{self._account.name}.{setting} to the name of the one there is."
        if wanted:
            found = next((folder for folder in folders if folder.name == wanted), None)
            sentence = no_such_folder(wanted, [folder.name for folder in folders])
        else:
            found = next((folder for folder in folders if folder.role == role), None)
            sentence = f"The mail account {self._account.name} has no folder that is known as the one for {_MEANING[role]}."
        if found is None:
            raise kept_back(sentence, advice)
        return found

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell failures as an effect's; a connection with answers under way is not kept."""
        if self._account.read_only:
            raise kept_back(
                f"The mail account {self._account.name} is set to be read only: nothing is written there.",
                f"Set read_only to false for the mail account {self._account.name}, or reject this.",
            )
        whole = False
        try:
            yield
            whole = True
        except RefusedError as error:
            raise refusal(str(error), self._account) from error
        except LostError as error:
            raise EffectError(error.sentence, advice=error.advice, wait=_SETTLING) from error
        except SourceError as error:
            raise EffectError(error.sentence, advice=error.advice, permanent=error.permanent, held=error.permanent) from error
        finally:
            if not whole:
                self.close()


_MEANING = {"\\Drafts": "drafts", "\\Sent": "sent mails"}


def _no_folder(name: str) -> Seen:
    return Seen(state="gone", sentence=f"There is no folder {one_line(name, 100)} any more.")


def _no_mail(effect: Effect) -> EffectError:
    return EffectError(f"A mailbox knows no {effect.verb}.", permanent=True)


def _box_of(account: MailAccount, dial: Dial | None) -> Box:
    if account.path is not None:
        from tools.mail.maildir_box import MaildirBox

        return MaildirBox(account)
    from tools.mail.imap_box import ImapBox

    return ImapBox(account, dial)
