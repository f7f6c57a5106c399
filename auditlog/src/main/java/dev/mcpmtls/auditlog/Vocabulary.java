// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.trust.Reason;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The words that a filter accepts, so that a misspelt one differs from one without records. */
public final class Vocabulary {

    /** The actions in records. */
    public static final Vocabulary ACTIONS = new Vocabulary(
            List.of("event.action"), Arrays.stream(AuditEvent.Action.values()).map(AuditEvent.Action::text));

    /** The reasons for refusals and failures. */
    public static final Vocabulary REASONS = new Vocabulary(
            AuditFilter.REASON_FIELDS,
            Stream.of(
                            Arrays.stream(Reason.values()).map(Enum::name),
                            Arrays.stream(TokenRefusedException.Why.values()).map(why -> "TOKEN_" + why),
                            Stream.of(
                                    "TOKEN_MISSING",
                                    "HANDSHAKE_TIMEOUT",
                                    "NOT_TLS",
                                    "BAD_PROXY_HEADER",
                                    "REFUSED_BY_PEER",
                                    "NO_COMMON_PROTOCOL",
                                    "NO_APPLICATION_PROTOCOL",
                                    "CLOSED_BY_PEER",
                                    "HANDSHAKE_FAILED",
                                    "MESSAGE_TOO_LARGE",
                                    "UNREADABLE_RECORD",
                                    "TOO_MANY_REJECTIONS",
                                    "SESSION_REFUSED",
                                    "DENIED_BY_POLICY",
                                    "RATE_LIMITED",
                                    "WOULD_BE_DENIED",
                                    "TASK_FAILED",
                                    "TASK_EXPIRED",
                                    "TOOL_CHANGED",
                                    "TOOL_NEW",
                                    "TOOL_UNPINNABLE",
                                    "INSTRUCTIONS_CHANGED",
                                    "IDENTITY_CHANGED",
                                    "RELOAD_FAILED",
                                    "RENEWAL_FAILED",
                                    "INVITATION_UNKNOWN",
                                    "INVITATION_EXPIRED",
                                    "INVITATION_USED",
                                    "NAME_REVOKED",
                                    "CERTIFICATE_REVOKED",
                                    "CERTIFICATE_UNKNOWN",
                                    "CERTIFICATE_EXPIRED",
                                    "REQUEST_REFUSED",
                                    "REQUEST_MALFORMED",
                                    "TOO_MANY_ATTEMPTS",
                                    "AUDIT_UNAVAILABLE",
                                    "TORN_RECORD"))
                    .flatMap(words -> words));

    private static final int MOST = 1000;

    private final List<String> fields;
    private final Set<String> known;

    private Vocabulary(List<String> fields, Stream<String> known) {
        this.fields = fields;
        this.known = known.collect(Collectors.toUnmodifiableSet());
    }

    /** The words of this version, in order. */
    public List<String> words() {
        return known.stream().sorted().toList();
    }

    /** Whether this version records the word. */
    public boolean has(String word) {
        return known.contains(word);
    }

    /** The words of this version and of the versions that wrote a log, in order. */
    public Set<String> with(Path log) {
        Set<String> words = new TreeSet<>(known);
        new AuditReader(log)
                .read(record -> fields.stream()
                        .flatMap(field -> Stream.of(record.field(field).split(",")))
                        .filter(word -> !word.isEmpty() && words.size() < MOST)
                        .forEach(words::add));
        return words;
    }
}
