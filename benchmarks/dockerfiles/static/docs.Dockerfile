# Vite's documentation has none. After Docker's "Containerize a React.js application",
# https://docs.docker.com/guides/reactjs/containerize/, with the application's own nginx.conf.
FROM node AS builder
WORKDIR /app
COPY --link package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY --link . .
RUN npm run build

FROM nginxinc/nginx-unprivileged AS runner
USER nginx
COPY --link nginx.conf /etc/nginx/nginx.conf
COPY --link --from=builder /app/dist /srv
EXPOSE 8080
ENTRYPOINT ["nginx", "-c", "/etc/nginx/nginx.conf"]
