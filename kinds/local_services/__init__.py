"""Local services: people offer services near them, others request, negotiate and pay, and both rate each other."""
