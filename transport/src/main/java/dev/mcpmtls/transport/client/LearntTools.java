// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.HeaderValue;
import dev.mcpmtls.protocol.ToolHeaders;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tools whose schemas a client has read, and the arguments that they want mirrored into headers. Thread-safe. */
final class LearntTools {

    private static final Logger LOG = LoggerFactory.getLogger(LearntTools.class);

    private final Map<String, List<Mirrored>> byTool = new ConcurrentHashMap<>();

    /** Learns from the tools of a {@code tools/list} result, and returns those whose annotations are valid. */
    List<Object> learn(List<?> tools) {
        List<Object> valid = new ArrayList<>();
        for (Object tool : tools) {
            if (tool instanceof Map<?, ?> definition) {
                String name = String.valueOf(definition.get("name"));
                ToolHeaders headers = ToolHeaders.of(definition.get("inputSchema"));
                if (headers.defect().isEmpty()) {
                    byTool.put(name, headers.mirrored());
                    valid.add(tool);
                } else {
                    byTool.remove(name);
                    LOG.warn(
                            "the tool {} is left out: {}",
                            Printable.quote(name),
                            Printable.clean(headers.defect().get()));
                }
            }
        }
        return valid;
    }

    /** The headers for a call of {@code tool}; none for a tool not yet learnt. */
    Map<String, String> headers(String tool, Map<String, Object> arguments) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Mirrored mirrored : byTool.getOrDefault(tool, List.of())) {
            HeaderValue.encodeArgument(mirrored.in(arguments))
                    .ifPresent(value -> headers.put(mirrored.header(), value));
        }
        return headers;
    }
}
