// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.trust.Assurance;

/**
 * Our end of connections: the client credential and the trust that the settings name.
 *
 * @param watch sees the servers that were accepted
 */
record OwnSide(TlsProfile profile, ServerWatch watch) {

    /** @param settings with the JDK's TLS engine */
    static OwnSide of(Settings settings, AuditSink audit) {
        ServerWatch watch = new ServerWatch(audit);
        return new OwnSide(ClientOptions.profile(settings, watch), watch);
    }

    /** Our names, as a server that trusts our issuer sees them. */
    Caller presented() {
        return Caller.presenting(profile.credentials().current().chain().leaf(), Assurance.VERIFIED);
    }
}
