FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN python -m pip wheel --no-deps --wheel-dir dist .

FROM python:3.13-slim
COPY --from=build /src/dist dist
RUN python -m pip install --no-cache-dir "$(echo dist/*.whl)[postgres]"
RUN useradd --system mockaxle && install --directory --owner mockaxle /data
USER mockaxle
EXPOSE 2953
ENV MOCKAXLE_HOST=0.0.0.0
HEALTHCHECK --interval=5s --timeout=3s CMD ["mockaxle", "healthcheck"]
CMD ["mockaxle", "serve"]
