"""Stands for the module that the host comes with: the one that is replaced."""

import asyncio


async def main() -> None:
    raise SystemExit("This is the host's own module. It is to be replaced.")


if __name__ == "__main__":
    asyncio.run(main())
