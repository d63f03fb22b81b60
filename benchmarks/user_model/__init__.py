"""The user model side by side with GUM and mem0: ingest, search, and retrieval on LoCoMo.

    python -m benchmarks.user_model [--peers-python PATH] [--only ingest search locomo]
        [--quick] [--repetitions 3] [--out DIR] [--json]

The peers' pins don't install beside ours (GUM's own wheel needs macOS), so they get an
environment of their own, whose interpreter is given as ``--peers-python``; without it their arms
are skipped, and the report says so:

    python -m venv peers && peers/bin/pip install --no-deps gum-ai==0.1.11
    peers/bin/pip install mem0ai==2.2.1 chromadb==1.5.9 openai 'SQLAlchemy[asyncio]' aiosqlite \\
        scikit-learn persist-queue pydantic python-dotenv pillow mss shapely

Every arm is a process of its own, and the arms take turns. All ask the same kind of model: an
OpenAI-compatible endpoint on loopback that answers at once, fresh for every arm, see ``endpoint``.
So what is measured is the engines' own time. Processor seconds are those of all threads of the
arm's process; wall time has the endpoint's in it, too.

LoCoMo's conversations (CC-BY-NC-4.0, for measuring only) are read from the folder that
``IDIOLECT_DATA`` names, and skipped where there are none.
"""
