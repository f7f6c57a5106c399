// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.transport.client.ConnectionException.TimedOut;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A server's whole list of tools, page by page. The SDK's client follows a list without an end for ever; this gives up. */
public final class ToolPages {

    private static final int MAX_CHARACTERS = 16 * 1024 * 1024; // as many as one message may have

    private final URI server;
    private final McpAsyncClient client;
    private final List<Tool> tools = new ArrayList<>();
    private final Set<String> cursors = new HashSet<>();
    private long characters;

    private ToolPages(URI server, McpAsyncClient client) {
        this.server = server;
        this.client = client;
    }

    /**
     * Every tool; empty when the server offers this client none. Fails with a {@link ConnectionException} when the list repeats itself,
     * has more than a hundred pages, is larger than one message may be, or takes too long.
     *
     * @param transport the transport of {@code client}
     * @param limit for all pages together
     */
    public static Mono<List<Tool>> all(MtlsClientTransport transport, McpAsyncClient client, Duration limit) {
        return transport.causedHere(client.initialize()
                .then(Mono.defer(() -> client.getServerCapabilities().tools() == null
                        ? Mono.just(List.<Tool>of())
                        : new ToolPages(transport.endpoint(), client).from(McpSchema.FIRST_PAGE)))
                .timeout(
                        limit,
                        Mono.error(() -> new TimedOut(
                                transport.endpoint(), "no end of its list of tools within " + limit, null))));
    }

    private Mono<List<Tool>> from(@Nullable String cursor) {
        return client.listTools(cursor).flatMap(page -> {
            characters += page.tools().stream()
                    .mapToLong(tool -> tool.toString().length())
                    .sum();
            if (characters > MAX_CHARACTERS) {
                return unusable("its list of tools has more than " + MAX_CHARACTERS + " characters");
            }
            tools.addAll(page.tools());
            String next = page.nextCursor();
            if (next == null || next.isEmpty()) {
                return Mono.just(List.copyOf(tools));
            }
            if (!cursors.add(next)) {
                return unusable("its list of tools comes back to the cursor " + Printable.quote(next));
            }
            return cursors.size() < Dialect.MAX_PAGES
                    ? from(next)
                    : unusable("its list of tools has more than " + Dialect.MAX_PAGES + " pages");
        });
    }

    private Mono<List<Tool>> unusable(String why) {
        return Mono.error(new UnusableAnswer(server, why, null));
    }
}
