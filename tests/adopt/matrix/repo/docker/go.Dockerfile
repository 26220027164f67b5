# syntax=docker/dockerfile:1
ARG GO_VERSION=1.25
FROM golang:${GO_VERSION}-alpine AS build
WORKDIR /src
COPY . .
RUN go build -o /out/app .

FROM gcr.io/distroless/static
ARG PORT=8080
EXPOSE ${PORT}
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
