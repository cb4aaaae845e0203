# The operator as a static binary and nothing else: no shell, no package manager, no user but its own. Without docker,
# `make dist` makes the same image; docs/how-to/build-an-image.md says how.
#
#   docker build -t ghcr.io/fluxmonitoring/operator:dev .
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH
ARG VERSION=dev
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY *.go ./
COPY api api
COPY controllers controllers
COPY internal internal
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags="-s -w -X main.version=$VERSION" -o /operator .

FROM scratch
LABEL org.opencontainers.image.licenses=Apache-2.0
COPY --from=build /operator /operator
# A number, as Kubernetes cannot tell from a name that it is not root.
USER 65532:65532
ENTRYPOINT ["/operator"]
