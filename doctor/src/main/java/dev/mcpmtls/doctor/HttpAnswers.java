// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import dev.mcpmtls.doctor.Check.Step;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.token.Challenge;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Checks of the first answer over HTTP: whether an MCP server is at the other end, and its clock. */
final class HttpAnswers {

    private static final Duration SKEW = Duration.ofMinutes(1);

    private HttpAnswers() {}

    /** A request that changes nothing. An MCP server finds fault with it, and that is the answer. */
    static String request(URI server, Map<String, String> more) {
        String query = server.getRawQuery() == null ? "" : "?" + server.getRawQuery();
        return "GET " + server.getRawPath() + query + " HTTP/1.1\r\nHost: " + server.getRawAuthority()
                + "\r\nAccept: application/json, text/event-stream\r\nUser-Agent: mcp-mtls-doctor\r\n"
                + more.entrySet().stream()
                        .map(header -> header.getKey() + ": " + header.getValue() + "\r\n")
                        .collect(Collectors.joining())
                + "Connection: close\r\n\r\n";
    }

    /** The server's words about access tokens, when it wants one or another one. */
    static Optional<Challenge> challenge(String answer) {
        List<String> values = answer.lines()
                .skip(1)
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.regionMatches(true, 0, "www-authenticate:", 0, 17))
                .map(line -> line.substring(17).trim())
                .toList();
        return answer.lines()
                .findFirst()
                .map(HttpAnswers::code)
                .filter(code -> code.matches("[0-9]{3}"))
                .flatMap(code -> Challenge.of(Integer.parseInt(code), values, Optional.empty()))
                .filter(challenge -> challenge.schemes().stream()
                        .anyMatch(scheme -> Set.of("bearer", "dpop").contains(scheme.name())));
    }

    /** @param challenge of the answer; its words are explained together with {@code isTokenSent} */
    static List<Check> explain(
            String answer, URI server, InstantSource clock, Optional<Challenge> challenge, boolean isTokenSent) {
        String first = Printable.clean(answer.lines().findFirst().orElse(""));
        Map<String, String> headers = headers(answer);
        List<Check> checks = new ArrayList<>();
        checks.add(challenge
                .map(words -> token(first, words, isTokenSent))
                .orElseGet(() -> status(first, headers, server)));
        Optional.ofNullable(headers.get("date"))
                .flatMap(HttpAnswers::date)
                .map(date -> clock(date, clock.instant()))
                .ifPresent(checks::add);
        return checks;
    }

    private static Check token(String first, Challenge challenge, boolean isSent) {
        if (!isSent) {
            return Check.ok(Step.HTTP, "'" + first + "': the server wants an access token, too");
        }
        String words = challenge
                .parameter("error_description")
                .or(() -> challenge.parameter("error"))
                .map(text -> ": " + Printable.quote(text))
                .orElse("");
        return Check.failed(
                Step.HTTP,
                Check.Fault.REFUSED,
                "'" + first + "': the server refuses our access token" + words,
                "see below which property of the token is wrong");
    }

    private static Check status(String first, Map<String, String> headers, URI server) {
        if (!first.startsWith("HTTP/1.")) {
            return Check.failed(Step.HTTP, "not HTTP: '" + first + "'", "check that the port is that of an MCP server");
        }
        String code = code(first);
        String via = headers.getOrDefault("via", "");
        String seen = "'" + first + "' at " + server.getPath()
                + Optional.ofNullable(headers.get("server"))
                        .map(s -> ", from " + s)
                        .orElse("")
                + (via.isEmpty() ? "" : ", via " + via);
        return switch (code) {
            case "404", "410" ->
                Check.failed(Step.HTTP, seen + ": the MCP path is wrong", "correct the path; ours is /mcp");
            case "301", "302", "303", "307", "308" ->
                Check.failed(
                        Step.HTTP,
                        seen + ": it sends us to " + headers.getOrDefault("location", "another place"),
                        "use that URL if you trust it; redirects are not followed");
            case "421" ->
                Check.failed(
                        Step.HTTP,
                        seen + ": the server does not go by the name " + server.getHost(),
                        "add the name to http.allowed-hosts on the server, or connect by one it knows");
            case "407", "502", "503", "504" ->
                Check.failed(
                        Step.HTTP,
                        seen + ": something in between answers, or the server is overloaded",
                        "connect to the server itself, or look at what is in front of it");
            case "401" ->
                Check.failed(
                        Step.HTTP, seen + ": it wants another authentication", "configure it to trust certificates");
            default ->
                via.isEmpty()
                        ? Check.ok(Step.HTTP, seen + (code.startsWith("4") ? ", as MCP answers a bare GET" : ""))
                        : Check.warning(
                                Step.HTTP,
                                seen + ": a proxy answers",
                                "have it pass TLS through, or the server behind it will not know us");
        };
    }

    private static String code(String first) {
        return first.replaceFirst("^\\S+ ?", "").replaceFirst(" .*", "");
    }

    private static Check clock(Instant theirs, Instant ours) {
        Duration apart = Duration.between(ours, theirs);
        return apart.abs().compareTo(SKEW) <= 0
                ? Check.ok(Step.CLOCK, "the server's agrees with ours")
                : Check.warning(
                        Step.CLOCK,
                        "the server's is " + Certificates.text(apart.abs())
                                + (apart.isNegative() ? " behind ours" : " ahead of ours"),
                        "set both clocks, or certificates will seem expired or not yet valid");
    }

    private static Map<String, String> headers(String answer) {
        Map<String, String> headers = new TreeMap<>();
        answer.lines().skip(1).takeWhile(line -> !line.isEmpty()).forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        Printable.clean(line.substring(colon + 1).trim()));
            }
        });
        return headers;
    }

    private static Optional<Instant> date(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
