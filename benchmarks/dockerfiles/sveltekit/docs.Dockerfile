# SvelteKit's documentation has none. After "Node servers", https://svelte.dev/docs/kit/adapter-node: what it says is
# needed to run, which is the output, package.json and what `npm ci --omit dev` installs.
FROM node AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit dev
COPY --from=build /app/build ./build
EXPOSE 3000
CMD ["node", "build"]
