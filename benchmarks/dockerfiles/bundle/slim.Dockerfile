# Two stages, because no base image has both languages.
FROM node AS frontend
WORKDIR /app
COPY frontend .
RUN --mount=type=cache,target=/root/.npm \
    npm ci --no-audit --no-fund \
    && npm run build

FROM python
ENV PYTHONUNBUFFERED=1 STATIC_DIR=/static
WORKDIR /app
RUN --mount=type=bind,source=requirements.txt,target=requirements.txt \
    --mount=type=cache,target=/root/.cache/pip \
    pip install --disable-pip-version-check -r requirements.txt
COPY --from=frontend /app/dist /static
COPY app app
USER 10001:10001
EXPOSE 8000
CMD ["uvicorn", "app.main:app", "--host=0.0.0.0", "--port=8000"]
