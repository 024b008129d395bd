"""Workers: jobs come back right, a dead or stuck worker is replaced, none outlives the process that started it."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from etrust.documents.frames import Question
from etrust.documents.jobs import Asked, PdfJob
from etrust.documents.levels import Level
from etrust.documents.timestamper import ValidationData
from etrust.documents.workers import WAITING, open_workers
from etrust.errors import EtrustError, Kind
from etrust.signing.files import KeyFolder, kid_of
from etrust.signing.model import Algorithm
from etrust.signing.token_place import TokenPlace
from etrust.trust.certificates import CertificateRequest, years_after
from etrust.trust.issuing import make_certificate, new_serial
from tests.documents.contents import sample
from tests.documents.making import BODY, NOW, WORDS, Region
from tests.documents.referee import valid_now
from tests.signing.soft_token import soft_token

pytestmark = pytest.mark.long

Reply = Callable[[Question], "asyncio.Future[bytes]"]


class House:
    """A key folder with a document key, and who answers the workers."""

    def __init__(self, path: Path, token: TokenPlace | None = None) -> None:
        self.region = Region.make()
        self.keys = KeyFolder(path, token=token)
        key = self.keys.create("document", Algorithm.ES256) if token is None else self.keys.create_on_token("document", Algorithm.ES256)
        request = CertificateRequest(
            profile="document", subject_name="document", body=BODY, spki=key.public_spki(), serial=new_serial(),
            not_before=NOW, not_after=years_after(NOW, 5),
        )  # fmt: skip
        self.certificate = make_certificate(request, self.region.authority.signer)
        self.keys.certify("document", self.certificate)
        self.crl = self.region.authority.crl(NOW)
        self.stamper = self.region.stamper(NOW, self.crl)

    def job(self, seed: int = 7, key: str = "document") -> PdfJob:
        evidence = ValidationData((self.certificate, *self.region.chain), (self.crl,))
        return PdfJob(
            sample("business_license", seed=seed), Level.B_LTA, NOW, WORDS, (key, kid_of(self.certificate)), evidence,
            self.stamper.validation,
        )  # fmt: skip

    async def reply(self, question: Question) -> bytes:
        assert question.what is Asked.STAMP
        return self.stamper.token(question.digest)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "keys")


async def test_jobs_side_by_side(house: House) -> None:
    async with open_workers(house.keys, 2) as workers:
        made = await asyncio.gather(*(workers.run(house.job(seed), house.reply) for seed in range(4)))
        assert len(set(made)) == 4
        assert len(workers.processes) == 2
        for pdf in made:
            assert await valid_now(pdf, house.region.chain, NOW, [house.crl])


async def test_a_key_on_a_token_signs(tmp_path: Path) -> None:
    with soft_token(tmp_path / "token") as token:
        house = House(tmp_path / "keys", token.place)
        async with open_workers(house.keys, 1) as workers:
            pdf = await workers.run(house.job(), house.reply)
        assert await valid_now(pdf, house.region.chain, NOW, [house.crl])


async def test_a_worker_killed_at_work_is_replaced_and_the_job_done(house: House) -> None:
    async with open_workers(house.keys, 1) as workers:
        killed: list[int] = []

        async def reply(question: Question) -> bytes:
            if not killed:
                killed.extend(workers.processes)
                os.kill(killed[0], signal.SIGKILL)
            return await house.reply(question)

        pdf = await workers.run(house.job(), reply)
        assert await valid_now(pdf, house.region.chain, NOW, [house.crl])
        assert killed
        assert workers.processes != killed


async def test_a_job_that_kills_every_worker_is_told_of(house: House) -> None:
    async with open_workers(house.keys, 1) as workers:

        async def reply(question: Question) -> bytes:
            for process in workers.processes:
                os.kill(process, signal.SIGKILL)
            return await house.reply(question)

        with pytest.raises(EtrustError) as failed:
            await workers.run(house.job(), reply)
        assert failed.value.code == "document_failed"
        assert await workers.run(house.job(), house.reply)


async def test_a_stuck_job_ends_at_its_deadline(house: House) -> None:
    async with open_workers(house.keys, 1, deadline=0.5) as workers:

        async def reply(question: Question) -> bytes:
            await asyncio.sleep(60)
            return await house.reply(question)

        with pytest.raises(EtrustError) as failed:
            await workers.run(house.job(), reply)
        assert failed.value.code == "document_failed"
        assert workers.processes == []


async def test_a_refusal_reaches_the_asker_and_the_worker_lives_on(house: House) -> None:
    async with open_workers(house.keys, 1) as workers:

        async def reply(question: Question) -> bytes:
            raise EtrustError(Kind.UNAVAILABLE, "clock_unsure", zh="时钟不可信。", en="The clock is unsure.")

        with pytest.raises(EtrustError) as refused:
            await workers.run(house.job(), reply)
        assert refused.value.code == "clock_unsure"
        before = workers.processes
        with pytest.raises(EtrustError) as missing:
            await workers.run(house.job(key="nobody"), house.reply)
        assert missing.value.code == "no_key"
        assert await workers.run(house.job(), house.reply)
        assert workers.processes == before


async def test_too_many_waiting_are_refused_at_once(house: House) -> None:
    async with open_workers(house.keys, 1) as workers:
        hold = asyncio.Event()

        async def reply(question: Question) -> bytes:
            await hold.wait()
            return await house.reply(question)

        waiting = [asyncio.create_task(workers.run(house.job(), reply)) for _ in range(1 + WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(EtrustError) as refused:
            await workers.run(house.job(), reply)
        assert refused.value.code == "documents_busy"
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


_STARTS_WORKERS = """
import asyncio, sys
from pathlib import Path
from tests.documents.test_workers import House
from etrust.documents.workers import open_workers

async def main():
    house = House(Path(sys.argv[1]))
    async with open_workers(house.keys, 1) as workers:
        await workers.run(house.job(), house.reply)
        print(*workers.processes, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_workers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _STARTS_WORKERS, str(tmp_path / "keys"), stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert parent.stdout is not None
    worker = int(await parent.stdout.readline())
    assert alive(worker)
    parent.kill()
    await parent.wait()
    for _ in range(100):
        if not alive(worker):
            break
        await asyncio.sleep(0.05)
    assert not alive(worker)


def alive(process: int) -> bool:
    """Whether a process runs; one that ended and is not yet buried does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
