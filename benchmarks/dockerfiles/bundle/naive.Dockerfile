FROM node AS frontend
WORKDIR /app
COPY . .
RUN cd frontend && npm install
RUN cd frontend && npm run build

FROM python
WORKDIR /app
COPY . .
COPY --from=frontend /app/frontend/dist /app/static
RUN pip install -r requirements.txt
ENV STATIC_DIR=/app/static
EXPOSE 8000
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]
