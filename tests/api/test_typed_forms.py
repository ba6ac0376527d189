"""The same phone, plate, address or password typed in another way: over HTTP, by people who do so."""

import unicodedata
import uuid

from argon2 import PasswordHasher

from tests.api.concurrent import Api, Json
from tests.api.people import PASSWORD, unlike

ACCENTED = "Pásswörd-ñ1"
APART = unicodedata.normalize("NFD", ACCENTED)


async def registered(api: Api, **more: str) -> Json:
    body = {"name": "Nina Rao", "password": PASSWORD, **unlike(), **more}
    answer = await api.ask("POST", "/customers/", json=body)
    assert answer.status_code == 201, answer.text
    return {**body, **answer.json(), "typed": body["phone"]}


async def logged_in(api: Api, phone: str, password: str) -> int:
    answer = await api.ask("POST", "/auth/login", data={"username": phone, "password": password})
    api.http.cookies.clear()
    return answer.status_code


async def test_a_phone_is_one_phone_however_it_is_typed(api: Api):
    nina = await registered(api)
    digits = nina["typed"]
    first, last = digits[:5], digits[5:]
    spellings = [f"+91 ({first}) {last}", f"0{first}-{last}", f"0091 {first}.{last}", digits.translate(_WIDE)]
    assert nina["phone"] == f"+91{digits}"
    for spelling in spellings:
        assert await logged_in(api, spelling, PASSWORD) == 200, spelling
        again = await api.ask("POST", "/customers/", json={**nina, **unlike(), "phone": spelling})
        assert again.status_code == 409, spelling
        found = await api.ask("GET", "/customers/", api.card("A"), params={"q": spelling})
        assert [each["id"] for each in found.json()] == [nina["id"]], spelling
    part = await api.ask("GET", "/customers/", api.card("A"), params={"q": f"{first[1:]}-{last}"})
    assert [each["id"] for each in part.json()] == [nina["id"]]


_WIDE = {ord("0") + digit: ord("０") + digit for digit in range(10)}


async def test_what_is_no_phone_is_refused_with_a_sentence_and_logs_nobody_in(api: Api):
    nina = await registered(api)
    for typed in (f"-{nina['typed']}", f"{nina['typed']} ext 5", "1-800-FLOWERS"):
        answer = await api.ask("PUT", f"/customers/{nina['id']}", nina, json={"phone": typed})
        assert answer.status_code == 422
        assert "ten digits, the first 6 to 9" in answer.json()["detail"]
        assert await logged_in(api, typed, PASSWORD) == 401


async def test_a_password_with_accents_works_on_every_keyboard(api: Api):
    for chosen, typed in ((ACCENTED, APART), (APART, ACCENTED)):
        nina = await registered(api, password=chosen)
        for form in (chosen, typed):
            assert await logged_in(api, nina["typed"], form) == 200


async def test_a_password_that_an_earlier_release_has_hashed_as_it_came_still_works(api: Api):
    nina = await registered(api)
    for then in (ACCENTED, APART):
        stored = PasswordHasher(time_cost=1, memory_cost=64).hash(then)
        await api.rows.execute("UPDATE users SET password_hash = $1 WHERE id = $2", stored, nina["id"])
        assert [await logged_in(api, nina["typed"], form) for form in (ACCENTED, APART)] == [200, 200]


async def test_a_common_password_and_ones_own_phone_are_refused_with_a_sentence(api: Api):
    somebody = {"name": "Nina Rao-Menon", **unlike()}
    own = somebody["phone"], f"+91{somebody['phone']}", somebody["email"].upper(), "nina rao-menon"
    for password in ("Password1!", "qwertyuiop", *own):
        answer = await api.ask("POST", "/customers/", json={**somebody, "password": password})
        assert answer.status_code == 422, password
        assert "password" in answer.json()["detail"]


async def test_a_mail_domain_beyond_ascii_is_one_domain_in_both_its_forms(api: Api):
    name = f"nina{uuid.uuid4().hex[:12]}"
    nina = await registered(api, email=f"{name}@bücher.example")

    told = (await api.ask("GET", f"/customers/{nina['id']}", nina)).json()
    assert told["email"] == f"{name}@xn--bcher-kva.example"
    again = {**unlike(), "name": "Nina", "password": PASSWORD, "email": f" {name}@XN--BCHER-KVA.example "}
    assert (await api.ask("POST", "/customers/", json=again)).status_code == 409


async def test_a_plate_is_one_plate_however_it_is_typed(api: Api):
    nina, plate = await registered(api), f"KA05{uuid.uuid4().hex[:6].upper()}"
    made = await api.ask("POST", "/car/", nina, json={"registration_number": plate, "car_model_id": 1})
    assert (made.status_code, made.json()["registration_number"]) == (201, plate)
    wide = plate.translate(_WIDE)
    for spelling in (plate.lower(), f"{plate[:2]}.{plate[2:4]}-{plate[4:]}", f"{wide[:4]} {wide[4:]}"):
        again = await api.ask("POST", "/car/", nina, json={"registration_number": spelling, "car_model_id": 1})
        assert again.status_code == 409, spelling


async def test_an_empty_description_of_a_category_is_refused_and_null_takes_it_away(api: Api):
    admin, name = api.card("A"), f"Category {uuid.uuid4().hex[:12]}"
    assert (
        await api.ask("POST", "/services/category", admin, json={"name": name, "description": ""})
    ).status_code == 422
    made = (await api.ask("POST", "/services/category", admin, json={"name": name, "description": "Sound"})).json()
    path = f"/services/category/{made['id']}"
    for empty in ("", "  ", []):
        assert (await api.ask("PUT", path, admin, json={"description": empty})).status_code == 422
    assert (await api.ask("PUT", path, admin, json={"description": None})).json()["description"] == ""
    assert (await api.ask("DELETE", path, admin)).is_success
