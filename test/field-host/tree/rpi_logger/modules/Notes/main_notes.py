"""Another module, so that the tree looks like a host's. Nothing starts it."""

import asyncio


async def main() -> None:
    raise SystemExit("This module is never started.")


if __name__ == "__main__":
    asyncio.run(main())
