// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

/** How clients share processes, or sessions, of an upstream server. */
public enum ProcessMode {
    /** Each legacy session has its own; modern clients have one per identity. The default. */
    PER_SESSION,
    /** Each identity has its own. */
    PER_IDENTITY,
    /** There is one. Its questions and log messages name no caller, so they reach none. */
    SHARED
}
