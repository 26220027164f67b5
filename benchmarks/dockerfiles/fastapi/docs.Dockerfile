# After "FastAPI in Containers - Docker", https://fastapi.tiangolo.com/deployment/docker/, which has python:3.14 (not
# slim) and `fastapi run` of fastapi[standard]; requirements.txt is exported from uv.lock, as that page says.
FROM python
WORKDIR /code
COPY ./requirements.txt /code/requirements.txt
RUN pip install --no-cache-dir --upgrade -r /code/requirements.txt
COPY ./app /code/app
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]
