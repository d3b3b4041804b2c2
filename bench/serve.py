"""What gunicorn serves: the system that BENCH_SYSTEM names."""

from bench import systems

app = systems.application(*systems.named())
