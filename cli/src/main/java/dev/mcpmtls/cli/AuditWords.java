// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.settings.BadSettingException;
import dev.mcpmtls.cli.settings.Names;
import dev.mcpmtls.trust.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The words of the audit log that can be asked for: a misspelt one would look as if nothing had happened. */
final class AuditWords {

    private static final List<String> ACTIONS = List.of(
            "audit-resumed",
            "call-denied",
            "call-permitted",
            "certificate-issued",
            "certificate-renewed",
            "certificate-revoked",
            "credential-expiring",
            "credential-loaded",
            "credential-reload-failed",
            "credential-reloaded",
            "peer-expired",
            "peer-revoked",
            "relaxed-mode-on",
            "renewal-failed",
            "session-opened",
            "session-refused",
            "tls-accepted",
            "tls-rejected",
            "tls-rejections-summarised",
            "trust-reload-failed",
            "trust-reloaded");

    /** Besides those for which certificates are rejected. */
    private static final List<String> OTHER_REASONS = List.of(
            "AUDIT_UNAVAILABLE",
            "CLOSED_BY_PEER",
            "DENIED_BY_POLICY",
            "HANDSHAKE_FAILED",
            "HANDSHAKE_TIMEOUT",
            "NO_APPLICATION_PROTOCOL",
            "NO_COMMON_PROTOCOL",
            "NOT_TLS",
            "REFUSED_BY_PEER",
            "RELOAD_FAILED",
            "RENEWAL_FAILED",
            "SESSION_REFUSED",
            "TOO_MANY_REJECTIONS",
            "TORN_RECORD");

    private AuditWords() {}

    static List<String> actions() {
        return ACTIONS;
    }

    static List<String> reasons() {
        return Stream.concat(Arrays.stream(Reason.values()).map(Reason::name), OTHER_REASONS.stream())
                .sorted()
                .toList();
    }

    /**
     * Takes an action as it is typed, in any case.
     *
     * @throws BadSettingException when no record can have it
     */
    static String action(String text) {
        return known("--action", text.toLowerCase(Locale.ROOT), text, actions());
    }

    /** As {@link #action}, for reasons, in which a hyphen may stand for an underscore. */
    static String reason(String text) {
        return known("--reason", text.toUpperCase(Locale.ROOT).replace('-', '_'), text, reasons());
    }

    private static String known(String option, String word, String typed, List<String> words) {
        if (word.isEmpty() || words.contains(word)) {
            return word;
        }
        String remedy = Names.nearest(word, words, 3)
                .map(meant -> "did you mean " + meant + "?")
                .orElse("there are " + String.join(", ", words));
        throw new BadSettingException(option + ": no record can have '" + typed + "'; " + remedy);
    }
}
