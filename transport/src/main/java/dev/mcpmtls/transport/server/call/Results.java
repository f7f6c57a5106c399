// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.transport.server.backend.Outlet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shields a backend's errors from callers. */
public final class Results {

    private static final Logger LOG = LoggerFactory.getLogger(Results.class);

    private Results() {}

    /** The error without our insides: a backend may put class names and messages of whatever went wrong there, which belong in our log. */
    public static Outlet.Failure shielded(String method, Outlet.Failure error) {
        if (error.code() != ErrorCode.INTERNAL_ERROR) {
            return error;
        }
        LOG.warn(
                "the handler of {} failed: {} {}",
                method,
                Printable.clean(error.message()),
                Printable.clean(String.valueOf(error.data())));
        return new Outlet.Failure(
                error.code(), "the handler of " + method + " failed; the server's log says why", null, null);
    }
}
