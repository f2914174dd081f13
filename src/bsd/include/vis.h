/*
 * vis(3).
 */
#ifndef BSD_INCLUDE_VIS_H
#define BSD_INCLUDE_VIS_H

#include "bsd/bsd.h"

#define VIS_OCTAL	BSD_VIS_OCTAL
#define VIS_CSTYLE	BSD_VIS_CSTYLE
#define VIS_SP		BSD_VIS_SP
#define VIS_TAB		BSD_VIS_TAB
#define VIS_NL		BSD_VIS_NL
#define VIS_WHITE	BSD_VIS_WHITE
#define VIS_GLOB	BSD_VIS_GLOB

#define vis		bsd_vis
#define strvis		bsd_strvis

#endif
