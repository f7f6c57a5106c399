// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * The one {@code subscriptions/listen} stream that stands for the legacy era's GET stream and {@code resources/subscribe}.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions">Subscriptions</a>
 */
final class Subscription {

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final String ACKNOWLEDGED = "notifications/subscriptions/acknowledged";

    private final ModernDialect dialect;
    private final Codec codec;
    private final Inbox inbox;
    private final boolean listens;
    private final AtomicLong counter = new AtomicLong();
    private final Map<String, Object> lists = new LinkedHashMap<>();
    private final Set<String> resources = new TreeSet<>();
    private boolean ready;
    private boolean closed;
    private @Nullable Disposable stream;

    Subscription(ModernDialect dialect, Codec codec, Inbox inbox, boolean listens) {
        this.dialect = dialect;
        this.codec = codec;
        this.inbox = inbox;
        this.listens = listens;
    }

    /** Notes which lists the server announces changes of. */
    synchronized void offered(Map<String, Object> capabilities) {
        for (String list : List.of("tools", "prompts", "resources")) {
            if (listens && Boolean.TRUE.equals(codec.object(capabilities, list).get("listChanged"))) {
                lists.put(list + "ListChanged", true);
            }
        }
    }

    synchronized void open() {
        ready = true;
        restart();
    }

    synchronized void add(String uri) {
        resources.add(uri);
        restart();
    }

    synchronized void remove(String uri) {
        resources.remove(uri);
        restart();
    }

    synchronized void close() {
        closed = true;
        restart();
    }

    private void restart() {
        if (stream != null) {
            stream.dispose();
            stream = null;
        }
        if (closed || !ready || (lists.isEmpty() && resources.isEmpty())) {
            return;
        }
        Map<String, Object> filter = new LinkedHashMap<>(lists);
        if (!resources.isEmpty()) {
            filter.put("resourceSubscriptions", List.copyOf(resources));
        }
        stream = KeptStream.open(() -> listen(Map.of("notifications", filter)), () -> PAUSE);
    }

    private Mono<KeptStream.End> listen(Map<String, Object> params) {
        String id = "listen-" + counter.incrementAndGet();
        return dialect.post("subscriptions/listen", id, params, Map.of(), Duration.ZERO)
                .flatMap(reply -> {
                    if (!reply.succeeded() || !reply.isEventStream()) {
                        reply.discard();
                        return Mono.just(KeptStream.End.NONE);
                    }
                    return codec.messages(reply, dialect.newStream())
                            .filter(message -> message instanceof JSONRPCNotification notification
                                    && !notification.method().equals(ACKNOWLEDGED))
                            .concatMap(inbox::deliver)
                            .then(Mono.just(KeptStream.End.OVER));
                });
    }
}
