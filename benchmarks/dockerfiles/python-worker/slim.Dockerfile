FROM python
ENV PYTHONUNBUFFERED=1
WORKDIR /app
RUN --mount=type=bind,source=requirements.txt,target=requirements.txt \
    --mount=type=cache,target=/root/.cache/pip \
    pip install --disable-pip-version-check -r requirements.txt
COPY app app
USER 10001:10001
CMD ["python", "-m", "app"]
