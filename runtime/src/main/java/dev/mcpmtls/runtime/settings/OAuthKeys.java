// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import java.nio.file.Path;
import java.util.List;

/** The settings of access tokens that our clients present, where a server wants one besides the certificate. */
public final class OAuthKeys {

    private static final KeyTable TABLE = new KeyTable();

    /** How a token is got. */
    public enum TokenMethod {
        /** A person logs in with a browser. */
        LOGIN,
        /** The client authenticates by its certificate (RFC 8705). */
        CERTIFICATE,
        /** The client authenticates by a secret. */
        SECRET,
        /** The client authenticates by a signature (RFC 7523). */
        KEY
    }

    /** Rules about URLs that do not apply. */
    public enum Allowed {
        /** Plain HTTP to loopback addresses. */
        PLAIN_LOOPBACK,
        /** Private and loopback addresses although the MCP server is elsewhere. */
        PRIVATE_ADDRESSES
    }

    /** The authorization server. */
    public static final Key<String> ISSUER = TABLE.optional(
            "oauth.issuer",
            Type.text("URL"),
            "the authorization server whose tokens our clients fetch; credentials go to no other");

    /** The client. */
    public static final Key<String> CLIENT_ID = TABLE.optional(
            "oauth.client-id",
            Type.text("ID"),
            "the client that is registered there; without one, clients register themselves where they can");

    /** How tokens are got. */
    public static final Key<TokenMethod> METHOD = TABLE.key(
            "oauth.method",
            Type.words(TokenMethod.values()),
            "login",
            "how tokens are fetched: a person logs in, or the client authenticates by its certificate, secret or key");

    /** Where the client's secret is. */
    public static final Key<Path> SECRET_FILE = TABLE.optional(
            "oauth.secret-file", Type.path(), "a file whose first line is the client's secret, for method 'secret'");

    /** Where the client's key is. */
    public static final Key<Path> KEY_FILE = TABLE.optional(
            "oauth.key-file", Type.path(), "the private key (PEM) that the client signs with, for method 'key'");

    /** The scopes. */
    public static final Key<List<String>> SCOPES = TABLE.list(
            "oauth.scopes", Type.text("SCOPE"), List.of(), "scopes to ask for beside those that servers ask for");

    /** The rules that do not apply. */
    public static final Key<List<Allowed>> ALLOW = TABLE.list(
            "oauth.allow",
            Type.words(Allowed.values()),
            List.of(),
            "rules about URLs that servers name which do not apply");

    private OAuthKeys() {}

    static List<Key<?>> all() {
        return TABLE.all();
    }
}
