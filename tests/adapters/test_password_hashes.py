"""What is stored of a password, and what it costs to try one."""

from adapters.auth.passwords import Passwords
from settings import Secrets


async def test_a_password_is_hashed_at_the_cost_that_owasp_asks_for_unless_somebody_says_otherwise():
    for passwords in (Passwords(), Passwords(Secrets().hashing)):
        stored = await passwords.hash("Secret-123")
        passwords.close()
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_passwords_that_were_hashed_quickly_are_good_for_who_hashes_strongly_and_the_other_way_round():
    quick, strong = Passwords("quick"), Passwords()
    for one, other in ((quick, strong), (strong, quick)):
        stored = await one.hash("Secret-123")
        assert await other.matches("Secret-123", stored)
        assert not await other.matches("Secret-124", stored)
    quick.close()
    strong.close()
