// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.files.Reload;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what became of files that trust rests on. */
record TrustFiles(Source source, AuditSink audit, InstantSource clock) implements Reload {

    private static final Logger LOG = LoggerFactory.getLogger(TrustFiles.class);

    /** Trust anchors, or revocation data. */
    interface Source {

        /** The kind of source, with its files. */
        String name();

        /** A summary of the content in force, for a log line. */
        String contents();

        /**
         * Reads the files.
         *
         * @return whether something changed
         * @throws RuntimeException when they cannot be used; the last good ones stay in force
         */
        boolean takeIntoUse();
    }

    @Override
    public void attempt(boolean recovering) {
        if (source.takeIntoUse() || recovering) {
            LOG.info("reloaded the {}: {}", source.name(), source.contents());
            audit.record(new AuditEvent.TrustReloaded(clock.instant(), source.name()));
        }
    }

    @Override
    public void failed(String why) {
        LOG.warn("the new {} are not used, the last good ones stay: {}", source.name(), why);
        audit.record(new AuditEvent.TrustReloadFailed(clock.instant(), source.name(), why));
    }
}
