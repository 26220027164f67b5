# After "Deployment", section "Dockerizing your application", https://docs.nestjs.com/deployment, which has node:20.
FROM node
WORKDIR /usr/src/app
COPY package*.json ./
RUN npm install
COPY . .
RUN npm run build
EXPOSE 4000
CMD ["node", "dist/main.js"]
