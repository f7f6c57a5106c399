// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import dev.mcpmtls.auditlog.Vocabulary;
import dev.mcpmtls.console.events.LiveEvents;
import dev.mcpmtls.console.source.ServerSource;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.tally.Tally;
import java.util.Map;

/** The program, its servers, and the words and bounds of the API. */
public final class AboutView {

    private final Sources sources;

    /** A view of these sources. */
    public AboutView(Sources sources) {
        this.sources = sources;
    }

    /**
     * The answer.
     *
     * @param mostEvents on a page
     */
    public Map<String, Object> all(int mostEvents) {
        return new Members()
                .put("version", sources.version())
                .put("now", sources.now())
                .put("startedAt", sources.startedAt())
                .put("audit", sources.audit().file().isPresent() ? "on" : "off")
                .put("access", sources.rules().mode())
                .put(
                        "servers",
                        sources.servers().stream().map(AboutView::server).toList())
                .put("actions", Vocabulary.ACTIONS.words())
                .put("reasons", Vocabulary.REASONS.words())
                .put(
                        "bounds",
                        new Members()
                                .put("viewers", LiveEvents.MOST_VIEWERS)
                                .put("edges", Tally.MOST_EDGES)
                                .put("refusals", Tally.MOST_REFUSALS)
                                .put("tools", Tally.MOST_TOOLS)
                                .put("events", mostEvents)
                                .asMap())
                .asMap();
    }

    private static Map<String, Object> server(ServerSource server) {
        return new Members()
                .put("server", server.server())
                .put("entry", server.entry())
                .put("uri", server.uri().toString())
                .put("credential", server.presented().credential())
                .put("validation", server.verifier().policy().validation().text())
                .asMap();
    }
}
