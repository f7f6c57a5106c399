// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.oauth.client.login.Browser;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.runtime.ClientTokens;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.trust.Assurance;
import java.net.URI;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our end of connections: the client credential and the trust that the settings name.
 *
 * @param watch sees the servers that were accepted
 * @param tokens our access tokens for a server, should it want any; a person may have to log in
 */
record OwnSide(TlsProfile profile, ServerWatch watch, Function<URI, TokenSource> tokens) {

    private static final Logger LOG = LoggerFactory.getLogger(OwnSide.class);

    /** Loads the browser's class when it is needed. */
    private static final Browser ASKED_PERSON =
            page -> Browser.desktop(text -> LOG.warn("{}", text)).open(page);

    /** @param settings with the JDK's TLS engine */
    static OwnSide of(Settings settings, AuditSink audit) {
        ServerWatch watch = new ServerWatch(audit);
        TlsProfile profile = ClientOptions.profile(settings, watch);
        return new OwnSide(profile, watch, server -> new ClientTokens(settings, server, profile, ASKED_PERSON));
    }

    /** Our names, as a server that trusts our issuer sees them. */
    Caller presented() {
        return Caller.presenting(profile.credentials().current().chain().leaf(), Assurance.VERIFIED);
    }
}
