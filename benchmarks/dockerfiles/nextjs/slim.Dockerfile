FROM node
ENV HOSTNAME=0.0.0.0 NEXT_TELEMETRY_DISABLED=1
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.npm \
    npm ci --no-audit --no-fund \
    && npm run build \
    && cp -r public .next/standalone/ \
    && cp -r .next/static .next/standalone/.next/ \
    && rm -r node_modules .next/cache
ENV NODE_ENV=production
USER node
EXPOSE 3000
CMD ["node", ".next/standalone/server.js"]
