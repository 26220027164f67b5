FROM node
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.npm \
    npm ci --no-audit --no-fund \
    && npm run build
ENV NODE_ENV=production
USER node
EXPOSE 8080
CMD ["node_modules/.bin/vite", "preview", "--host=0.0.0.0", "--port=8080"]
