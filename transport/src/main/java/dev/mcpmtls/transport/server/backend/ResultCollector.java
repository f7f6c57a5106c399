// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** For requests that we make ourselves of a backend: keeps the result. */
public final class ResultCollector implements Outlet {

    private volatile @Nullable Object result;

    /** The result; null when there was none. */
    public @Nullable Object result() {
        return result;
    }

    @Override
    public void result(Object members, Map<String, Object> meta) {
        result = members;
    }

    @Override
    public void error(Failure failure) {}

    @Override
    public void notification(String method, @Nullable Object params) {}

    @Override
    public Mono<Void> question(Object id, String method, @Nullable Object params) {
        return Mono.error(new IllegalStateException("there is no client to ask"));
    }
}
