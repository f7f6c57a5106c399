// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.enrolment.server.EstServer;
import dev.mcpmtls.files.Reload;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has a served authority name its new certificates after a change of authority. */
final class AuthorityReload implements Reload {

    private static final Logger LOG = LoggerFactory.getLogger(AuthorityReload.class);

    private final EstServer server;

    AuthorityReload(EstServer server) {
        this.server = server;
    }

    @Override
    public void attempt(boolean recovering) {
        server.reload();
    }

    @Override
    public void failed(String why) {
        LOG.warn("clients still hear of the authority's certificates from before: {}", why);
    }

    /** The directory is replaced in one step. */
    @Override
    public boolean recognisesTornFiles() {
        return true;
    }
}
