FROM golang:1.25 AS build
ARG CMD
COPY . .
RUN go build -o /bin/app ./cmd/${CMD}
FROM debian:stable-slim
COPY --from=build /bin/app /bin/app
EXPOSE 7000/udp 7001
ENTRYPOINT ["/bin/app"]
