# Written where no container engine ran: read it, build it and try it before you trust it.
# Nothing secret goes into the image; ATRIUM_SECRET_KEY is given when it runs.

FROM python:3.11-slim AS packages
WORKDIR /house
COPY requirements.lock .
RUN python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes --no-deps --requirement requirements.lock

FROM python:3.11-slim
WORKDIR /house
COPY --from=packages /house/.venv .venv
COPY LICENSE pyproject.toml manage.py ./
COPY bin/atrium bin/atrium
COPY atrium atrium

ENV PATH=/house/.venv/bin:$PATH \
    PYTHONPATH=/house \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ATRIUM_MODE=production \
    ATRIUM_HOST=0.0.0.0 \
    ATRIUM_PORT=8000 \
    ATRIUM_DATA=/data

# The translations are made here, since nobody may write into the house afterwards. Development mode
# makes a key of its own for that; it goes with its folder in the same step.
RUN ATRIUM_MODE=development ATRIUM_DATA=/tmp/building python -m atrium translations compile \
 && rm -rf /tmp/building \
 && python -m compileall -q atrium .venv/lib \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin atrium \
 && install --directory --owner=atrium --group=atrium --mode=700 /data

USER atrium
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request as asked; asked.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "atrium"]
CMD ["serve", "--prepare"]
