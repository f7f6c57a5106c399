// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.introspection;

import dev.mcpmtls.oauth.resource.fetch.FetchFailedException;
import dev.mcpmtls.oauth.resource.keys.IssuerMetadata;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Where an issuer is asked about tokens: as configured, or as its metadata says. Thread-safe. */
final class IntrospectionEndpoint {

    private static final Duration AGAIN_AFTER = Duration.ofSeconds(5);

    private final IntrospectionClient client;
    private final IssuerMetadata metadata;
    private final InstantSource clock;
    private CompletableFuture<URI> found; // guarded by this, as the rest
    private Instant soughtAt = Instant.MIN;
    private boolean isDoubtful = true;

    IntrospectionEndpoint(IntrospectionClient client, IssuerMetadata metadata, InstantSource clock) {
        this.client = client;
        this.metadata = metadata;
        this.clock = clock;
        this.found = CompletableFuture.failedFuture(new FetchFailedException("not sought yet"));
    }

    /** The endpoint; sought again when it was of no use, at most once in five seconds. */
    synchronized CompletableFuture<URI> current() {
        if (client.endpoint().isPresent()) {
            return CompletableFuture.completedFuture(client.endpoint().get());
        }
        Instant now = clock.instant();
        boolean isUseless = isDoubtful || found.isCompletedExceptionally();
        if (isUseless && found.isDone() && !now.isBefore(soughtAt.plus(AGAIN_AFTER))) {
            soughtAt = now;
            isDoubtful = false;
            found = metadata.fetched().thenApply(this::endpoint);
        }
        return found;
    }

    /** An answer from there could not be used: it may be elsewhere now. */
    synchronized void doubt() {
        isDoubtful = true;
    }

    /** The one for clients with a certificate, if they have one of their own (RFC 8705, section 5). */
    private URI endpoint(Map<String, Object> document) {
        if (client.isKnownByCertificate() && document.get("mtls_endpoint_aliases") instanceof Map<?, ?> aliases) {
            if (aliases.get("introspection_endpoint") instanceof String alias) {
                return of(Map.of("introspection_endpoint", alias));
            }
        }
        return of(document);
    }

    private static URI of(Map<String, Object> document) {
        return IssuerMetadata.url(document, "introspection_endpoint")
                .orElseThrow(() -> new FetchFailedException("the issuer's metadata has no 'introspection_endpoint'"));
    }
}
