// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.authz.Call;
import java.time.Duration;

/** Hears of each permitted call when nothing of its handler is left. Called on the thread that ends it; must not block. */
@FunctionalInterface
public interface CallListener {

    /**
     * A call has ended, well or not.
     *
     * @param took from the end of its request's body
     */
    void ended(Call call, Duration took);
}
