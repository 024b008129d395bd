"""The worker process: takes jobs from standard input until it ends, and gives the documents to standard output.

It is started by `etrust.documents.workers`, loads each key once, and ends with the process that started it: its standard
input ends then.
"""

import os
import sys
import traceback
from types import TracebackType
from typing import BinaryIO, NoReturn

from etrust.documents.frames import Answer, Question, Start, Trouble, pack, receive
from etrust.documents.jobs import Asked
from etrust.documents.pades import PdfSigner
from etrust.documents.timestamper import ValidationData
from etrust.errors import EtrustError, Kind
from etrust.signing.files import FileSigner, KeyFolder

MEMORY = 2 * 2**30
"""Bytes of data a worker may hold; one document takes some 150 MB."""


class Bench:
    """The tools of one worker."""

    def __init__(self, keys: KeyFolder) -> None:
        self._keys = keys
        self._signers: dict[tuple[str, bytes], FileSigner] = {}
        self._pdf: dict[tuple[str, bytes], tuple[ValidationData, PdfSigner]] = {}

    def signer(self, name: str, kid: bytes) -> FileSigner:
        """The key of a name, loaded once.

        Raises:
            EtrustError: ``key_changed``: the key of that name is another by now; what loading it raises.
        """
        if (name, kid) not in self._signers:
            loaded = self._keys.load(name)
            if loaded.kid != kid:
                raise EtrustError(
                    Kind.CONFLICT, "key_changed", where=name,
                    zh="文书密钥刚刚更换，请重新提交。", en="The document key was changed a moment ago; ask again.",
                )
            self._signers[name, kid] = loaded
        return self._signers[name, kid]

    def pdf_signer(self, name: str, kid: bytes, evidence: ValidationData) -> PdfSigner:
        """The same ready to sign PDF, kept while its evidence stays."""
        known = self._pdf.get((name, kid))
        if known is None or known[0] != evidence:
            made = PdfSigner(self.signer(name, kid), evidence.certificates[1:], evidence.crls)
            known = self._pdf[name, kid] = evidence, made
        return known[1]


def _load() -> None:
    """Load what jobs need, and the fonts, before the first one counts its time."""
    from etrust.documents import face, ofd_package, receipt_face, renew  # noqa: F401, PLC0415 - jobs import them when they run
    from etrust.documents.fonts import font_folders  # noqa: PLC0415 - as above

    font_folders()


def main() -> NoReturn:
    """Work until standard input ends."""
    sys.excepthook = _tell
    _bound_memory()
    inbox, outbox = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed must not come between the messages
    start = receive(inbox)
    if isinstance(start, Start):
        _load()
        _work(Bench(start.keys), inbox, outbox)
    sys.exit(0)


def _bound_memory() -> None:
    if sys.platform == "linux":  # elsewhere the limit does not exist, or does not count what it should
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ended the process, without its message: that may hold what stands in a license."""
    frames = traceback.extract_tb(trace)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "start"
    sys.stderr.write(f"document worker: {kind.__name__} at {place}\n")
    del error


def _work(bench: Bench, inbox: BinaryIO, outbox: BinaryIO) -> None:
    def say(message: Answer | Question | Trouble) -> None:
        outbox.write(pack(message))
        outbox.flush()

    def ask(what: Asked, digest: bytes, detail: str) -> bytes:
        say(Question(what, digest, detail))
        heard = receive(inbox)
        if heard is None:
            sys.exit(0)  # whoever gave the job is gone
        if isinstance(heard, Trouble):
            raise heard.error()
        return bytes(heard.data)

    while (job := receive(inbox)) is not None:
        try:
            say(Answer(job.run(bench, ask)))
        except EtrustError as error:
            say(Trouble.of(error))


if __name__ == "__main__":
    main()
