// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.transport.server.MtlsServerTransport;

/** A bean of this kind sets what has no setting, for example limits, or the state key that replicas share. Runs after the settings. */
@FunctionalInterface
public interface MtlsServerCustomizer {

    /** Changes the transport that is about to be built. */
    void customize(MtlsServerTransport.Builder server);
}
