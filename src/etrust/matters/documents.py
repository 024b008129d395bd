"""A matter as a JSON document and back: what versions and drafts are kept as, and what the API answers with. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from etrust.matters.model import Demand, FormField, Material, Matter, Party, Standing, Words
from etrust.onecode.model import Ground

Document = Mapping[str, Any]


def matter_document(matter: Matter) -> dict[str, Any]:
    """The matter as JSON values."""
    return {
        "code": matter.code, "version": matter.version, "name": words_document(matter.name), "kind": matter.kind,
        "body": matter.body, "level": matter.level, "theme": matter.theme, "grounds": sorted(map(str, matter.grounds)),
        "parties": [
            {
                "key": party.key, "name": words_document(party.name), "code_types": list(party.code_types),
                "required": party.required,
            }
            for party in matter.parties
        ],
        "materials": [material_document(material) for material in matter.materials],
        "form": [{"name": field.name, "label": words_document(field.label), "source": field.source} for field in matter.form],
        "days": matter.days, "legal_basis": matter.legal_basis, "standing": str(matter.standing),
        "elements": dict(matter.elements),
    }  # fmt: skip


def material_document(material: Material) -> dict[str, Any]:
    """One material as JSON values."""
    return {
        "key": material.key, "name": words_document(material.name), "required": material.required,
        "satisfied_by": [
            {
                "license_type": demand.license_type, "party": demand.party, "fields": list(demand.fields),
                "since": None if demand.since is None else demand.since.isoformat(),
            }
            for demand in material.satisfied_by
        ],
        "commitment": None if material.commitment is None else words_document(material.commitment),
        "deferral_days": material.deferral_days, "source": material.source, "form": material.form,
        "review": list(material.review),
    }  # fmt: skip


def words_document(words: Words) -> dict[str, str]:
    """A name in three languages as JSON values."""
    return {"zh": words.zh, "ug": words.ug, "en": words.en}


def read_matter(document: Document) -> Matter:
    """The matter that `matter_document` wrote; what it says has been judged before."""
    return Matter(
        code=document["code"], version=document["version"], name=read_words(document["name"]), kind=document["kind"],
        body=document["body"], level=document["level"], theme=document["theme"],
        grounds=frozenset(map(Ground, document["grounds"])),
        parties=tuple(
            Party(party["key"], read_words(party["name"]), tuple(party["code_types"]), party["required"])
            for party in document["parties"]
        ),
        materials=tuple(read_material(material) for material in document["materials"]),
        form=tuple(FormField(field["name"], read_words(field["label"]), field["source"]) for field in document["form"]),
        days=document["days"], legal_basis=document["legal_basis"], standing=Standing(document["standing"]),
        elements=MappingProxyType(dict(document["elements"])),
    )  # fmt: skip


def read_material(document: Document) -> Material:
    """The material that `material_document` wrote."""
    return Material(
        key=document["key"], name=read_words(document["name"]), required=document["required"],
        satisfied_by=tuple(
            Demand(
                demand["license_type"], demand["party"], tuple(demand["fields"]),
                None if demand["since"] is None else date.fromisoformat(demand["since"]),
            )
            for demand in document["satisfied_by"]
        ),
        commitment=None if document["commitment"] is None else read_words(document["commitment"]),
        deferral_days=document["deferral_days"], source=document["source"], form=document.get("form", ""),
        review=tuple(document.get("review", ())),
    )  # fmt: skip


def read_words(document: Mapping[str, str]) -> Words:
    """A name in three languages."""
    return Words(document["zh"], document.get("ug", ""), document.get("en", ""))


def matter_digest(matter: Matter) -> bytes:
    """SHA-256 of what a matter says, whatever the number of its version: equal digests need no new version."""
    document = matter_document(matter) | {"version": 0}
    return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).digest()
