# The mock providers as a container. `npm run image` builds it from a folder that holds the compiled package and what it needs
# at run time; the base image needs Node 24 or newer and nothing else, not even a shell.
ARG NODE_IMAGE=node:24-slim
FROM ${NODE_IMAGE}
COPY . /opt/squall
# Any number does: nothing is written.
USER 1000
EXPOSE 9100
ENTRYPOINT ["node", "/opt/squall/bin/squall.mjs"]
CMD ["mock", "--host", "0.0.0.0", "--port", "9100"]
