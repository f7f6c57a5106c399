// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.fetch;

/** No usable document came; the message names its location and says why, for the log of this server and not for a peer. */
public final class FetchFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Without a stack trace: it says where in words. */
    public FetchFailedException(String message) {
        super(message, null, false, false);
    }
}
