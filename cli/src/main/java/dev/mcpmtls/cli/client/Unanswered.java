// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.invocation.Clauses;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.coordinator.Answer;
import dev.mcpmtls.coordinator.Outcome;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Explains why parts of a question got no answer.
 *
 * @param servers those that were asked
 */
record Unanswered(Settings settings, List<AskedServer> servers) {

    /** A line for each reason, and one for each thing to do, behind the last reason that it is for. */
    List<String> inDetail(Answer answer) {
        Map<String, String> subjects = new LinkedHashMap<>();
        answer.failures().forEach(step -> subjects.merge(step.text(), step.subject(), (a, b) -> a + ", " + b));
        Stream<String> failures = subjects.entrySet().stream()
                .flatMap(entry -> Clauses.of(entry.getValue() + ": " + entry.getKey()).stream());
        return once(Stream.of(failures, answer.gaps().stream(), changes(answer)).flatMap(lines -> lines));
    }

    /** Each line at its last place. */
    private static List<String> once(Stream<String> lines) {
        Set<String> last = new LinkedHashSet<>();
        lines.forEach(line -> {
            last.remove(line);
            last.add(line);
        });
        return List.copyOf(last);
    }

    /** The commands that show how servers differ from their pins, when that is why something is missing. */
    private Stream<String> changes(Answer answer) {
        boolean isWithheld = answer.failures().stream().anyMatch(step -> step.outcome() == Outcome.WITHHELD);
        return servers.stream()
                .filter(server -> isWithheld && !server.withheld().isEmpty())
                .map(server -> "look at it and decide: mcp-mtls tools " + ShellWords.quoted(server.name())
                        + ShellWords.sameDir(settings));
    }

    /** One line when no server could be reached, all for the same reason; otherwise as {@link #inDetail}. */
    List<String> inShort(Answer answer) {
        Set<Optional<String>> reasons =
                servers.stream().map(AskedServer::unreachable).collect(Collectors.toSet());
        Optional<String> reason = reasons.stream().findFirst().flatMap(first -> first);
        return reasons.size() == 1 && servers.size() > 1 && !answer.failures().isEmpty()
                ? reason.map(this::unreachable).map(Clauses::of).orElseGet(() -> inDetail(answer))
                : inDetail(answer);
    }

    private String unreachable(String why) {
        String all = servers.stream().map(Unanswered::place).collect(Collectors.joining(", "));
        return "none of the servers can be reached: " + why + " (" + all + "); start them" + command();
    }

    private static String place(AskedServer server) {
        String url = server.url().toString();
        return server.name().equals(url) ? url : server.name() + " at " + url;
    }

    private String command() {
        List<String> ours = Keys.SERVERS.stream().map(Keys.Server::name).toList();
        return servers.stream().map(AskedServer::name).allMatch(ours::contains)
                ? ": mcp-mtls serve all" + ShellWords.sameDir(settings)
                : ", or check coordinator.servers";
    }
}
