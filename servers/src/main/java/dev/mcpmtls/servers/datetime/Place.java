// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.datetime;

import java.time.ZoneId;

/** A place and the clock it keeps. */
record Place(String name, ZoneId zone) {}
