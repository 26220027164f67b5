FROM python
ENV PYTHONUNBUFFERED=1
WORKDIR /app
RUN --mount=type=bind,source=requirements.txt,target=requirements.txt \
    --mount=type=cache,target=/root/.cache/pip \
    pip install --disable-pip-version-check -r requirements.txt
COPY app app
USER 10001:10001
EXPOSE 8000
CMD ["uvicorn", "app.main:app", "--host=0.0.0.0", "--port=8000"]
