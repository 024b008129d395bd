"""`etrust key request`, `install` and `encrypt`: the files of keys, and certificates issued elsewhere for them."""

from pathlib import Path

import click

from etrust.access import store as access_store
from etrust.access.model import Operator
from etrust.cli.authority import admin_of
from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json, read_bounded
from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from etrust.signing import pem
from etrust.signing.files import KeyFolder, kid_of
from etrust.signing.model import Algorithm
from etrust.signing.requests import Subject, make_request
from etrust.trust.x509 import MAX_CERTIFICATE, read_certificate
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.home import read_passphrase


@click.command("request")
@home_option
@json_option
@operator_option
@click.argument("name")
@click.option("--subject", required=True, help="主体，如 C=CN, O=某局, CN=某局签发 · whom the certificate is for")
@click.option("--algorithm", type=click.Choice([each.value for each in Algorithm]), default="SM2", show_default=True)
@click.option("--on-token", is_flag=True, help="在密码设备上生成 · make the key on the PKCS#11 token")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@asynchronous
async def request(
    settings: Settings, *, as_json: bool, operator: str, name: str, subject: str, algorithm: str, on_token: bool, output: Path
) -> None:
    """生成密钥及证书申请（PKCS#10）· Make a key and a certificate request for another authority."""
    parsed = Subject.parse(subject)
    async with open_rooms(settings) as rooms:
        acting, keys = await admin_of(rooms, operator), rooms.home.keys
        made = (keys.create_on_token if on_token else keys.create)(name, Algorithm(algorithm))
        output.write_bytes(pem.encode("CERTIFICATE REQUEST", make_request(made, parsed)))
        await _record(rooms, acting, "key.request", name)
    if as_json:
        print_json({"key": name, "request": str(output)})
    else:
        click.echo(str(output))


@click.command("install")
@home_option
@json_option
@operator_option
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@asynchronous
async def install(settings: Settings, *, as_json: bool, operator: str, name: str, file: Path) -> None:
    """装入他处为本密钥签发的证书 · Put a certificate issued elsewhere beside its key; it must be of that key."""
    certificate = pem.pem_or_der(read_bounded(file, MAX_CERTIFICATE))
    read = read_certificate(certificate)
    async with open_rooms(settings) as rooms:
        acting = await admin_of(rooms, operator)
        if name in rooms.home.keys.names():
            raise EtrustError(
                Kind.CONFLICT, "key_exists", where=name,
                zh=f"密钥“{name}”已有证书；更换证书即更换密钥，请另行申请。",
                en=f"Key {name!r} has its certificate; another certificate takes another key: make a new request.",
            )
        if not read.not_before <= rooms.clock() <= read.not_after:
            raise EtrustError(
                Kind.INVALID, "certificate_not_in_force", where=str(file),
                zh="证书不在有效期内。", en="The certificate is not in force.",
            )
        rooms.home.keys.certify(name, certificate)
        await _record(rooms, acting, "key.install", name)
    if as_json:
        print_json({"key": name, "kid": kid_of(certificate).hex()})
    else:
        click.echo(f"{name} {kid_of(certificate).hex()} ✓  etrust key rotate … --with {name}")


@click.command("encrypt")
@home_option
@json_option
@operator_option
@click.argument("names", nargs=-1)
@click.option("--new-passphrase-file", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="换用此文件中的口令 · a file with the new passphrase, when it changes")
@asynchronous
async def encrypt(
    settings: Settings, *, as_json: bool, operator: str, names: tuple[str, ...], new_passphrase_file: Path | None
) -> None:
    """用口令加密私钥文件，可重复运行 · Encrypt the private key files in place; run it again after a crash."""
    async with open_rooms(settings) as rooms:
        acting, keys = await admin_of(rooms, operator), rooms.home.keys
        passphrase = _new_passphrase(keys, new_passphrase_file)
        done = [name for name in sorted(names or keys.in_files()) if keys.encrypt(name, passphrase)]
        if done:
            await _record(rooms, acting, "key.encrypt", ",".join(done))
    if as_json:
        print_json({"encrypted": done})
        return
    click.echo("\n".join(done) or "全部已用此口令加密 · all are encrypted with this passphrase already")
    if new_passphrase_file is not None:
        click.echo("请将 key_passphrase_file 改为新口令文件 · now let key_passphrase_file name the new file", err=True)


FILE_COMMANDS = (request, install, encrypt)


def _new_passphrase(keys: KeyFolder, file: Path | None) -> bytes:
    found = keys.passphrase if file is None else read_passphrase(file)
    if found is None:
        raise EtrustError(
            Kind.INVALID, "passphrase_missing", where="key_passphrase_file",
            zh="没有口令：请设置 key_passphrase_file 或 ETRUST_KEY_PASSPHRASE，或给出 --new-passphrase-file。",
            en="No passphrase: set key_passphrase_file or ETRUST_KEY_PASSPHRASE, or give --new-passphrase-file.",
        )
    return found


async def _record(rooms: Rooms, acting: Operator, action: str, subject: str) -> None:
    async with rooms.stores.pool.acquire() as connection:
        await access_store.record(
            connection, at=rooms.clock(), operator=acting.username, body=acting.body, action=action, subject=subject
        )
