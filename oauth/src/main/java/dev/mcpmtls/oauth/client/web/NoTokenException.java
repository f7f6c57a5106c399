// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.web;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.RemediedException;
import org.jspecify.annotations.Nullable;

/** No access token could be fetched. The message says why and what to do; words of servers in it are fit for a terminal. */
public final class NoTokenException extends RemediedException {

    private static final long serialVersionUID = 1L;

    private final Why why;

    /** The step that failed. */
    public enum Why {
        /** A URL that a server named must not be asked. */
        ADDRESS,
        /** A server did not answer, or not within bounds. */
        UNREACHABLE,
        /** Metadata is missing or cannot be used. */
        METADATA,
        /** The metadata is about another resource than the server (RFC 9728 section 3.3). */
        RESOURCE,
        /** The authorization server is not the one that was chosen, or answered in the name of another. */
        ISSUER,
        /** The authorization server does not know this client, or none can be registered. */
        CLIENT,
        /** The server wants scopes that the authorization server does not grant. */
        SCOPE,
        /** The authorization server refused to issue a token. */
        REFUSED,
        /** The person did not consent, or not in time. */
        PERSON
    }

    /** A failure with its remedy. */
    public NoTokenException(Why why, String problem, String remedy) {
        this(why, problem, remedy, null);
    }

    /** As the other, with a cause. */
    public NoTokenException(Why why, String problem, String remedy, @Nullable Throwable cause) {
        super(Printable.line(problem), remedy, cause);
        this.why = why;
    }

    /** The step that failed. */
    public Why why() {
        return why;
    }
}
