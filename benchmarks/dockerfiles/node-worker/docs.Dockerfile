# BullMQ's documentation has none. After Docker's "Containerize a Node.js application",
# https://docs.docker.com/guides/nodejs/containerize/, with a stage that compiles.
FROM node AS build
WORKDIR /usr/src/app
RUN --mount=type=bind,source=package.json,target=package.json \
    --mount=type=bind,source=package-lock.json,target=package-lock.json \
    --mount=type=cache,target=/root/.npm \
    npm ci
COPY . .
RUN npm run build

FROM node
ENV NODE_ENV=production
WORKDIR /usr/src/app
RUN --mount=type=bind,source=package.json,target=package.json \
    --mount=type=bind,source=package-lock.json,target=package-lock.json \
    --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev
USER node
COPY package.json ./
COPY --from=build /usr/src/app/dist ./dist
CMD ["node", "dist/main.js"]
