FROM node
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.npm \
    npm ci --no-audit --no-fund \
    && npm run build \
    && rm -r node_modules .svelte-kit
ENV NODE_ENV=production
USER node
EXPOSE 3000
CMD ["node", "build"]
