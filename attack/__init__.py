"""The product under attack: `make attack` (docs/attack.md). Everything stays on this machine."""
